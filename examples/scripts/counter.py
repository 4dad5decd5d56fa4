# A script is run afresh at each visit; what is to last is kept by a host, a process of its own.

from hangerd import hosts

told = hosts["counter"].call("visit")
print(f"Visit number {told['visits']} since {told['since']}.")
print("Reload this page, and it counts on.")
print("Edit _hosts/counter.py, and a new process begins at 1.")
