# Python has the data, a Node process that stays warm has React: HTML comes back from a call.
# hangerd: output=html

from _page import top, what_is_missing

from hangerd import CallError, hosts, request

MOONS = [
    {"name": "Io", "distance": 422, "period": 1.77, "found": 1610},
    {"name": "Europa", "distance": 671, "period": 3.55, "found": 1610},
    {"name": "Ganymede", "distance": 1070, "period": 7.15, "found": 1610},
    {"name": "Callisto", "distance": 1883, "period": 16.69, "found": 1610},
    {"name": "Amalthea", "distance": 181, "period": 0.5, "found": 1892},
    {"name": "Himalia", "distance": 11461, "period": 250.56, "found": 1904},
]

by = request.query.get("by", ["distance"])[0]
print(top("A page by React"))
try:
    print(hosts["react"].call("page", moons=MOONS, by=by))
except CallError as error:
    print(what_is_missing(error))
