"""create|open N on standard input: nanoseconds for one of N operations."""
import sys
import time
from multiprocessing.shared_memory import SharedMemory

name, size = sys.argv[1], int(sys.argv[2])


def create(times):
    for _ in range(times):
        memory = SharedMemory(name, create=True, size=size)
        memory.buf[0] = 1
        memory.close()
        memory.unlink()


def attach(times):
    for _ in range(times):
        memory = SharedMemory(name)
        memory.buf[0] = 1
        memory.close()


for line in iter(sys.stdin.readline, ""):
    verb, times = line.split()
    living = SharedMemory(name, create=True, size=size) if verb == "open" else None
    start = time.perf_counter_ns()
    (attach if living else create)(int(times))
    took = time.perf_counter_ns() - start
    if living:
        living.close()
        living.unlink()
    print(took / int(times), flush=True)
