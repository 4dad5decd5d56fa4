"""Tell twistd of hangerd. Names it by string, so that no reactor is chosen here."""

from twisted.application.service import ServiceMaker

hangerd = ServiceMaker(
    "hangerd",
    "hangerd.tap",
    "Slots, scripts and hosts: a server for programs that wait",
    "hangerd",
)
