"""Writes numbered, checksummed lines to a log without a pause, as a server does.

    log_writer.py LOG RECORD --lines-per-second 2000 --mode append|hole|reopen|late --seed 1

Modes: `append` always writes at the end of the file (O_APPEND); `hole` at its own place, so that a
cut leaves zeros; `reopen` and `late` open the log anew when they get SIGHUP, `late` a moment after
it, and go on in the renamed file until then. SIGTERM ends it after a whole line. RECORD then says
how many lines were written whole, from 1 on.
"""

import argparse
import os
import random
import signal
import time
import zlib


def line(number):
    text = f"{number} " + "abcdefghij" * (number % 13)
    return f'{{"n": {number}, "text": "{text}", "sum": {zlib.crc32(text.encode())}}}\n'.encode()


class Writer:
    def __init__(self, arguments):
        self.path, self.mode = arguments.log, arguments.mode
        self.random = random.Random(arguments.seed)
        self.rate = arguments.lines_per_second
        self.reopen_at = None
        self.is_ending = False
        self.open()
        signal.signal(signal.SIGHUP, self.told)
        signal.signal(signal.SIGTERM, self.end)

    def open(self):
        flags = os.O_WRONLY | os.O_CREAT | (0 if self.mode == "hole" else os.O_APPEND)
        self.file = os.open(self.path, flags, 0o644)

    def told(self, *_):
        self.reopen_at = time.monotonic() + (0.3 if self.mode == "late" else 0)

    def end(self, *_):
        self.is_ending = True

    def reopen(self):
        os.close(self.file)
        self.open()
        self.reopen_at = None

    def write(self, data):
        # A signal does not tear it: Python goes on after one.
        while data:
            data = data[os.write(self.file, data):]

    def run(self):
        number, begun = 0, time.monotonic()
        while not self.is_ending:
            now = time.monotonic()
            if self.reopen_at and now >= self.reopen_at:
                self.reopen()
            due = int((now - begun) * self.rate) - number
            if due <= 0:
                time.sleep(0.002)
                continue
            count = min(due, self.random.choice([1, 1, 5, 40]))
            data = b"".join(line(number + 1 + index) for index in range(count))
            if self.random.random() < 0.05:
                # A line that stands half written for a moment.
                cut = self.random.randrange(len(data))
                self.write(data[:cut])
                time.sleep(0.005)
                data = data[cut:]
            self.write(data)
            number += count
        return number


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("log")
    parser.add_argument("record")
    parser.add_argument("--lines-per-second", type=int, default=2000)
    parser.add_argument("--mode", choices=["append", "hole", "reopen", "late"], default="append")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    number = Writer(arguments).run()
    with open(arguments.record, "w") as record:
        record.write(str(number))


if __name__ == "__main__":
    main()
