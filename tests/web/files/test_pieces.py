from __future__ import annotations

import io
import zlib
from typing import cast

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IPullProducer
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.server import Request
from twisted.web.test.requesthelper import DummyRequest
from zope.interface.verify import verifyObject

from hangerd.web.files.pieces import BLOCK, FilePieces, Part
from hangerd.web.files.ranges import Piece
from hangerd.web.packing import Packer


class SlowRequest(DummyRequest):
    """A request that asks its producer for a block only when told to."""

    def __init__(self) -> None:
        super().__init__([b""])
        self.producer: FilePieces | None = None
        self.cut = False
        self.channel: object = None

    def registerProducer(self, producer: FilePieces, streaming: bool) -> None:
        assert not streaming
        self.producer = producer

    def unregisterProducer(self) -> None:
        self.producer = None

    def loseConnection(self) -> None:
        self.cut = True

    def ask(self) -> None:
        assert self.producer
        self.producer.resumeProducing()


class FilePiecesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.request = SlowRequest()

    def start(self, data: bytes, *parts: Part) -> io.BytesIO:
        file = io.BytesIO(data)
        pieces = FilePieces(cast(Request, self.request), file, parts)
        verifyObject(IPullProducer, pieces)
        pieces.start()
        return file

    def test_small_answers_need_no_producer(self) -> None:
        file = self.start(b"0123456789", Part(b"<", Piece(1, 2)), Part(b">", Piece(0, 0)))
        self.assertEqual(b"".join(self.request.written), b"<12>")
        self.assertEqual((self.request.finished, file.closed), (1, True))
        self.assertIsNone(self.request.producer)

    def test_an_empty_file_has_headers_and_an_end(self) -> None:
        self.start(b"", Part(b"", Piece(0, 0)))
        self.assertEqual((self.request.written, self.request.finished), ([b""], 1))

    def test_large_ones_come_a_block_at_a_time(self) -> None:
        data = bytes(range(256)) * 1024
        file = self.start(data, Part(b"", Piece(0, len(data))))
        self.assertEqual(self.request.written, [])
        for sent in range(1, len(data) // BLOCK + 1):
            self.request.ask()
            self.assertEqual([len(block) for block in self.request.written], [BLOCK] * sent)
        self.request.ask()
        self.assertEqual(b"".join(self.request.written), data)
        self.assertEqual((self.request.finished, file.closed), (1, True))
        self.assertIsNone(self.request.producer)

    def test_they_can_be_packed_on_their_way(self) -> None:
        data = b"0123456789abcdef" * 10_000
        parts = [Part(b"", Piece(0, len(data)))]
        pieces = FilePieces(cast(Request, self.request), io.BytesIO(data), parts, Packer())
        pieces.start()
        reader, text = zlib.decompressobj(31), b""
        while self.request.producer:
            written = len(self.request.written)
            self.request.ask()
            packed = b"".join(self.request.written[written:])
            text += reader.decompress(packed)
            self.assertEqual(len(text), min(len(data), (written + 1) * BLOCK))
        self.assertEqual((text, reader.eof, self.request.finished), (data, True, 1))

    def test_a_file_that_grew_ends_where_it_ended(self) -> None:
        file = self.start(b"a" * BLOCK * 2, Part(b"", Piece(0, BLOCK + 1)))
        while not file.closed:
            self.request.ask()
        self.assertEqual(len(b"".join(self.request.written)), BLOCK + 1)

    def test_a_file_that_shrank_breaks_the_connection(self) -> None:
        for size in (BLOCK * 2, 20):
            self.request = SlowRequest()
            file = self.start(b"short", Part(b"", Piece(0, size)))
            if self.request.producer:
                self.request.ask()
                self.request.ask()
            self.assertTrue(self.request.cut)
            self.assertTrue(file.closed)
            self.assertIsNone(self.request.producer)
            self.assertEqual(self.request.finished, 0)

    def test_the_file_is_closed_when_the_client_leaves(self) -> None:
        file = self.start(b"a" * BLOCK * 2, Part(b"", Piece(0, BLOCK * 2)))
        self.request.ask()
        producer = self.request.producer
        assert producer
        producer.stopProducing()
        self.assertTrue(file.closed)
        producer.resumeProducing()  # one that was on its way does no harm
        self.assertEqual(len(self.request.written), 1)

    def test_the_file_is_closed_when_only_the_request_hears_of_it(self) -> None:
        file = self.start(b"a" * BLOCK * 2, Part(b"", Piece(0, BLOCK * 2)))
        self.request.processingFailed(Failure(ConnectionDone()))
        self.assertTrue(file.closed)
