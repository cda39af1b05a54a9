"""What a command takes: time, work and memory."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Measured:
    seconds: float
    # Processor seconds, of the program and of its kernel time.
    work_seconds: float
    peak_bytes: int


def measure(command, folder, environment):
    """Runs a command to its end; raises with its last words where it fails."""
    with open(Path(folder) / "command.log", "w+b") as log:
        begun, peak = time.monotonic(), 0
        process = subprocess.Popen([str(part) for part in command], cwd=folder, env=environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        # Watched from outside: what the kernel counts for a child includes what this process had.
        while True:
            peak = max(peak, resident_peak(process.pid))
            number, status, usage = os.wait4(process.pid, os.WNOHANG)
            if number:
                break
            # Short commands are looked at often, long ones cheaply.
            time.sleep(0.0005 if time.monotonic() - begun < 0.3 else 0.005)
        seconds = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            log.seek(0)
            raise RuntimeError(f"{command[0]} failed:\n{log.read().decode()[-2000:]}")
    return Measured(seconds, usage.ru_utime + usage.ru_stime, peak)


def resident_peak(pid):
    """The most memory that a process has held so far, 0 where it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def processor_seconds(pid):
    """What a process that is still at work has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
