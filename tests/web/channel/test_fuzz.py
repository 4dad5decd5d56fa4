"""However the bytes are cut they mean the same, and no input raises."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.channel.errors import Refused
from hangerd.web.channel.limits import Limits
from hangerd.web.channel.reading import Reading
from tests.web.channel.rig import DirectRequest, Rig
from tests.web.channel.row import Served

LIMITS = Limits(request_line=64, header_bytes=200, header_count=5, chunk_extension_bytes=20)

# What parsers stumble over, more often than chance would bring it.
WORDS = st.sampled_from(
    [
        *(bytes([byte]) for byte in b"\r\n \t:;,=0\x00\x7f\xffaG"),
        b"\r\n",
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n",
        b"POST /a?b HTTP/1.1\r\n",
        b"GET / HTTP/1.0\r\n",
        b"Host: a\r\n",
        b"Content-Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Connection: close\r\n",
        b"Expect: 100-continue\r\n",
        b"3\r\nabc\r\n",
        b"0\r\n\r\n",
    ]
)
NOISE = st.lists(st.one_of(WORDS, st.binary(max_size=4)), max_size=30).map(b"".join)


def read(pieces: list[bytes]) -> tuple[list[Served], bool]:
    """Give the requests that were whole, and whether something was refused."""
    reading = Reading(LIMITS)
    served: list[Served] = []
    body = b""
    head = None
    try:
        for piece in pieces:
            reading.receive(piece)
            while True:
                if head is None:
                    head = reading.head()
                    if head is None:
                        break
                body += reading.piece()
                if reading.in_body:
                    break
                served.append((head.method, head.target, body))
                head, body = None, b""
    except Refused:
        return served, True
    return served, False


def cut(raw: bytes, cuts: set[int]) -> list[bytes]:
    at = sorted(place % (len(raw) + 1) for place in cuts)
    pieces = [raw[a:b] for a, b in zip([0, *at], [*at, len(raw)], strict=True)]
    return [piece for piece in pieces if piece]


CUTS = st.sets(st.integers(0, 5000), max_size=12)

BODIES = st.binary(max_size=300)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from([b"Accept", b"X-One", b"cookie"]),
        st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
    ),
    max_size=3,
)


@st.composite
def chunked(draw: st.DrawFn, body: bytes) -> bytes:
    chunks = []
    while body:
        size = draw(st.integers(1, len(body)))
        chunks.append(b"%x%b\r\n%b\r\n" % (size, draw(EXTENSIONS), body[:size]))
        body = body[size:]
        if len(chunks) > 3:
            break
    if body:
        chunks.append(b"%X\r\n%b\r\n" % (len(body), body))
    return b"".join(chunks) + b"0\r\n" + draw(st.sampled_from([b"", b"X: y\r\n"])) + b"\r\n"


EXTENSIONS = st.sampled_from([b"", b"", b"", b";a", b";a=1"])


@st.composite
def requests(draw: st.DrawFn) -> tuple[bytes, Served]:
    method = draw(st.sampled_from([b"GET", b"POST", b"PUT"]))
    target = draw(st.sampled_from([b"/", b"/a/b?c=d", b"/%20"]))
    lines = [b"%b %b HTTP/1.1" % (method, target), b"host: a"]
    lines += [b"%b: %b" % (name, value.encode()) for name, value in draw(HEADERS)]
    body = draw(BODIES)
    framing = draw(st.sampled_from(["none", "length", "chunks"]))
    if framing == "none":
        body = sent = b""
    elif framing == "length":
        lines.append(b"Content-Length: %d" % len(body))
        sent = body
    else:
        lines.append(b"transfer-encoding: chunked")
        sent = draw(chunked(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + sent, (method, target, body)


class FuzzTests(SynchronousTestCase):
    @given(made=st.lists(requests(), max_size=4), cuts=CUTS)
    @settings(max_examples=300, deadline=None)
    def test_good_requests(self, made: list[tuple[bytes, Served]], cuts: set[int]) -> None:
        raw = b"".join(raw for raw, _ in made)
        self.assertEqual(read(cut(raw, cuts)), ([served for _, served in made], False))

    @given(raw=NOISE, cuts=CUTS)
    @settings(max_examples=1000, deadline=None)
    def test_noise(self, raw: bytes, cuts: set[int]) -> None:
        self.assertEqual(read(cut(raw, cuts)), read([raw]))

    @given(raw=NOISE, cuts=CUTS)
    @settings(max_examples=300, deadline=None)
    def test_noise_on_a_connection(self, raw: bytes, cuts: set[int]) -> None:
        rigs = [Rig(limits=LIMITS, direct=road) for road in (None, None, DirectRequest)]
        for rig, each in zip(rigs, ([raw], cut(raw, cuts), cut(raw, cuts)), strict=True):
            rig.send(*each)
            self.assertEqual(rig.resource.served, rigs[0].resource.served)
        for rig in rigs:
            ended = rig.transport.half_closed or rig.transport.disconnecting
            rig.clock.pump([30] * 4)
            self.assertTrue(ended or rig.transport.half_closed or rig.transport.disconnecting)
            rig.lose()
            self.assertEqual(rig.clock.getDelayedCalls(), [])

    @given(made=requests(), cuts=CUTS, at=st.integers(0, 400), noise=NOISE)
    @settings(max_examples=500, deadline=None)
    def test_a_request_gone_wrong(
        self, made: tuple[bytes, Served], cuts: set[int], at: int, noise: bytes
    ) -> None:
        raw = made[0][:at] + noise + made[0][at:]
        self.assertEqual(read(cut(raw, cuts)), read([raw]))
