"""Header fields: any case, any type of name, nothing that splits an answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.fields import Fields, field
from hangerd.scripts.record import Record


class FieldsTests(SynchronousTestCase):
    """A mapping that answers in the type it was asked in."""

    def test_reading(self) -> None:
        fields = Fields([("X-A", "1"), ("x-a", "2"), ("B", "3")])
        self.assertEqual((fields["x-A"], fields[b"X-A"]), ("1", b"1"))
        self.assertEqual((fields.getlist("X-A"), fields.getlist(b"b")), (["1", "2"], [b"3"]))
        self.assertEqual((list(fields), len(fields)), (["x-a", "b"], 2))
        self.assertIn(b"B", fields)
        self.assertNotIn("c", fields)
        self.assertNotIn(1, fields)
        self.assertEqual(fields.get("c", "none"), "none")
        self.assertRaises(KeyError, fields.__getitem__, "c")

    def test_writing(self) -> None:
        fields = Fields([("X-A", "1"), ("x-a", "2")])
        fields[b"x-a"] = b" 3 "
        fields.add("X-A", "4")
        self.assertEqual(fields.pairs(), [("x-a", "3"), ("X-A", "4")])
        del fields["X-A"]
        self.assertEqual(fields.pairs(), [])
        self.assertRaises(KeyError, fields.__delitem__, b"x-a")

    def test_a_length_is_a_number(self) -> None:
        fields = Fields()
        fields["Content-Length"] = " 12 "
        for wrong in ("", "-1", "1,1", "0x3", "\u0663", "9" * 40):
            self.assertRaises(ValueError, fields.__setitem__, b"content-length", wrong)
        self.assertEqual(fields.pairs(), [("Content-Length", "12")])

    @given(st.text(), st.text())
    def test_no_field_splits_an_answer(self, name: str, value: str) -> None:
        try:
            name, value = field(name, value)
        except ValueError:
            return
        sent = f"{name}: {value}".encode("latin-1")
        self.assertNotIn(b"\n", sent)
        self.assertNotIn(b"\r", sent)
        self.assertNotIn(b"\0", sent)
        self.assertTrue(name.isascii())


class RecordTests(SynchronousTestCase):
    """Keys are attributes."""

    def test_both_ways(self) -> None:
        record = Record(a=1)
        record.b = 2
        self.assertEqual((record["b"], record.a, record.get("c")), (2, 1, None))
        del record.a
        self.assertEqual(record, {"b": 2})
        self.assertRaises(AttributeError, getattr, record, "a")
        self.assertRaises(AttributeError, delattr, record, "a")
