"""Every row of the table, in one piece, byte by byte and cut in the middle."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tests.web.channel.rig import MARK, DirectRequest, Rig, refusal, statuses
from tests.web.channel.row import Row
from tests.web.channel.rows import ROWS


def played(
    row: Row, pieces: list[bytes], direct: Any = None
) -> tuple[list[tuple[bytes, bytes, bytes]], int | None]:
    """Feed `pieces`; give what was served and the status of the refusal."""
    rig = Rig(direct=direct)
    seen = rig.send(*pieces)
    last = statuses(seen)[-1] if seen else 200
    lingers = rig.transport.half_closed and last not in (100, 200)
    return rig.resource.served, last if lingers else None


class RowsTests(SynchronousTestCase):
    direct: Any = None

    def test_enough(self) -> None:
        self.assertGreaterEqual(len(ROWS), 120)
        self.assertEqual(len({row.name for row in ROWS}), len(ROWS))

    def test_whole(self) -> None:
        for row in ROWS:
            found = played(row, [row.raw], self.direct)
            self.assertEqual(found, (row.served, row.refused), row.name)

    def test_byte_by_byte(self) -> None:
        for row in ROWS:
            if len(row.raw) < 3000:
                pieces = [row.raw[at : at + 1] for at in range(len(row.raw))]
                found = played(row, pieces, self.direct)
                self.assertEqual(found, (row.served, row.refused), row.name)

    def test_halves(self) -> None:
        for row in ROWS:
            for at in range(1, min(len(row.raw), 400), 3):
                pieces = [row.raw[:at], row.raw[at:]]
                found = played(row, pieces, self.direct)
                self.assertEqual(found, (row.served, row.refused), row.name)

    def test_refusals_say_why(self) -> None:
        for row in ROWS:
            if row.refused is None:
                continue
            rig = Rig(direct=self.direct)
            seen = rig.send(row.raw)
            self.assertTrue(seen, row.name)
            told = refusal(seen)
            self.assertEqual(set(told), {"error", "message", "remedy"}, row.name)
            self.assertTrue(all(told.values()), row.name)
            head = seen.rpartition(b"\r\n\r\n")[0].rpartition(b"HTTP/1.1 ")[2]
            self.assertIn(b"\r\n" + b": ".join(MARK), head)
            self.assertIn(b"\r\nConnection: close", head)
            self.assertEqual(rig.logged[-1].code, row.refused, row.name)
            rig.lose()
            self.assertEqual(rig.clock.getDelayedCalls(), [])


class DirectRowsTests(RowsTests):
    """The same, where a direct road takes all that it is offered."""

    direct = DirectRequest


class CutsTests(SynchronousTestCase):
    """Any split of the bytes gives the same requests, and no input raises."""

    @given(row=st.sampled_from([row for row in ROWS if len(row.raw) < 3000]), data=st.data())
    @settings(max_examples=300, deadline=None)
    def test_rows_cut_anywhere(self, row: Row, data: st.DataObject) -> None:
        cuts = sorted(data.draw(st.sets(st.integers(0, len(row.raw)), max_size=8)))
        pieces = [row.raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(row.raw)], strict=True)]
        direct = data.draw(st.sampled_from([None, DirectRequest]))
        found = played(row, [p for p in pieces if p], direct)
        self.assertEqual(found, (row.served, row.refused))
