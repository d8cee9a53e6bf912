"""The pool: an ordered parallel map that survives what hostile bytes do to a worker, in bounded memory."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines import work
from impound.engines._flow import AHEAD, WorkError
from impound.engines._pool import Pool, cores

TESTS = Path(__file__).parent.parent
ENOUGH_SECONDS = 30.0
"""Time for what takes a second on an idle machine."""


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Two workers, used however small the input is."""
    made = Pool(2, small=0)
    yield made
    made.close()


def batches(*groups: Iterable[int]) -> Iterator[pa.RecordBatch]:
    return (work.numbers(*group) for group in groups)


def flat(results: Iterable[list[pa.RecordBatch]], column: str = "n") -> list[list[int]]:
    return [[v for batch in result for v in batch[column].to_pylist()] for result in results]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def gone(pids: Iterable[int]) -> bool:
    """Whether processes end within the time that is enough."""
    until = time.monotonic() + ENOUGH_SECONDS
    while any(map(alive, pids)):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


# -- order and results ----------------------------------------------------------------------------------------------


def test_results_come_in_the_order_of_the_batches_whoever_is_faster(pool: Pool) -> None:
    results = pool.map(work.slow_when_even, batches(*([n] for n in range(30))))
    assert flat(results) == [[n] for n in range(30)]


def test_a_batch_has_one_list_however_many_batches_come_of_it(pool: Pool) -> None:
    assert flat(pool.map(work.double, batches([1, 2, 3], [], [4])), "twice") == [[2, 4, 6], [], [8]]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(st.lists(st.integers(0, 40), max_size=8), max_size=8))
def test_whatever_is_cut_however_the_same_rows_come_back(pool: Pool, groups: list[list[int]]) -> None:
    assert flat(pool.map(work.same, batches(*groups))) == groups


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(st.lists(st.sampled_from([1, 2, 3, 13]), max_size=6), max_size=3))
def test_wherever_the_deadly_rows_are_only_they_are_buried(pool: Pool, groups: list[list[int]]) -> None:
    expected = [[-n if n == 13 else n for n in group] for group in groups]
    assert flat(pool.map(work.exits_at_13, batches(*groups), work.buried)) == expected


def test_the_work_is_done_by_several_processes_other_than_this_one(pool: Pool) -> None:
    pids = {pid for result in flat(pool.map(work.who, batches(*([n] for n in range(40)))), "pid") for pid in result}
    assert os.getpid() not in pids
    assert 1 <= len(pids) <= 2


def test_workers_are_used_again(pool: Pool) -> None:
    first, second = (
        {p for r in flat(pool.map(work.who, batches(*([n] for n in range(40)))), "pid") for p in r} for _ in range(2)
    )
    assert first & second


def test_small_input_is_done_here_without_a_process() -> None:
    pool = Pool(2)
    assert flat(pool.map(work.who, batches([1], [2])), "pid") == [[os.getpid()], [os.getpid()]]
    pool.close()


def test_input_beyond_small_goes_to_workers_and_none_of_it_is_lost() -> None:
    pool = Pool(2, small=4096)
    results = list(pool.map(work.who, batches(*([n] for n in range(20)))))
    pool.close()
    assert flat(results) == [[n] for n in range(20)]
    assert all(pid != [os.getpid()] for pid in flat(results, "pid"))


def test_no_workers_means_here() -> None:
    assert flat(Pool(0, small=0).map(work.who, batches([1])), "pid") == [[os.getpid()]]


def test_no_batches_no_results(pool: Pool) -> None:
    assert list(pool.map(work.same, iter(()))) == []


def test_cores_are_those_this_process_may_use() -> None:
    command = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    command += "from impound.engines._pool import cores; print(cores())"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, check=True)
    assert done.stdout.strip() == b"1"
    assert cores() >= 1


# -- crashes, hangs, errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fn", [work.exits_at_13, work.segfaults_at_13, work.runs_out_of_memory_at_13])
def test_only_the_row_that_kills_its_worker_is_buried(pool: Pool, fn: work.Any) -> None:
    results = pool.map(fn, batches(range(10), range(10, 20), range(20, 30)), work.buried)
    assert flat(results) == [[*range(10)], [10, 11, 12, -13, *range(14, 20)], [*range(20, 30)]]


def test_a_row_that_hangs_is_buried(pool: Pool) -> None:
    began = time.monotonic()
    results = pool.map(work.hangs_at_13, batches([1, 2], [12, 13, 14]), work.buried, seconds_per_batch=4)
    assert flat(results) == [[1, 2], [12, -13, 14]]
    assert time.monotonic() - began < ENOUGH_SECONDS


def test_a_hang_is_found_when_the_interpreter_is_locked_too(pool: Pool) -> None:
    results = pool.map(work.hangs_holding_the_lock, batches([13]), work.buried, seconds_per_batch=1)
    assert flat(results) == [[-13]]


@pytest.mark.parametrize(
    ("fn", "how"),
    [
        (work.exits_at_13, "exited with status 3 on a row"),
        (work.segfaults_at_13, "was killed by SIGSEGV on a row"),
        (work.hangs_at_13, "took too long on a row"),
    ],
)
def test_without_a_burial_a_death_is_an_error_that_says_how(pool: Pool, fn: work.Any, how: str) -> None:
    with pytest.raises(WorkError, match=how):
        list(pool.map(fn, batches([1], [13, 14]), seconds_per_batch=2))


def test_a_whole_batch_is_not_divided(pool: Pool) -> None:
    results = pool.map(work.exits_at_13, batches([12, 13], [14]), work.buried, whole=True)
    assert flat(results) == [[-12, -13], [14]]


def test_an_exception_comes_with_its_traceback(pool: Pool) -> None:
    with pytest.raises(WorkError, match=r"(?s)work\.py.*raises_at_13.*LookupError: thirteen, of all numbers: ☃"):
        list(pool.map(work.raises_at_13, batches([1], [13])))


def test_an_exception_is_the_same_error_without_workers() -> None:
    with pytest.raises(WorkError, match="LookupError: thirteen"):
        list(Pool(0).map(work.raises_at_13, batches([13])))


def test_after_an_error_the_pool_goes_on(pool: Pool) -> None:
    with pytest.raises(WorkError):
        list(pool.map(work.raises_at_13, batches([13])))
    assert flat(pool.map(work.same, batches([1]))) == [[1]]


@pytest.mark.parametrize("fn", [work.Unimportable(), lambda batch: [batch]])
def test_a_function_that_cannot_be_sent_is_an_error_that_says_so(pool: Pool, fn: work.Any) -> None:
    with pytest.raises(WorkError, match="cannot be imported by name"):
        list(pool.map(fn, batches([1])))


def test_an_idle_worker_that_was_killed_costs_nothing(pool: Pool) -> None:
    pids = {p for r in flat(pool.map(work.who, batches(*([n] for n in range(20)))), "pid") for p in r}
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert gone(pids)
    assert flat(pool.map(work.same, batches([1], [2]))) == [[1], [2]]


def test_a_consumer_that_takes_its_time_is_no_hang(pool: Pool) -> None:
    list(pool.map(work.double, batches([1], [2])))  # what they import at first, they have
    results = []
    for result in pool.map(work.double, batches([1, 2], [3], [4]), seconds_per_batch=1):
        time.sleep(1.2)
        results.append(result)
    assert flat(results) == [[1, 2], [3], [4]]


def test_a_map_that_is_left_early_leaves_a_pool_that_works(pool: Pool) -> None:
    results = pool.map(work.same, batches(*([n] for n in range(100))))
    assert next(results)
    results.close()
    assert flat(pool.map(work.same, batches([1]))) == [[1]]


def test_two_maps_at_a_time_do_not_meet(pool: Pool) -> None:
    first, second = (pool.map(work.same, batches(*([n] for n in range(k, k + 10)))) for k in (0, 100))
    together = [(*flat([a]), *flat([b])) for a, b in zip(first, second, strict=True)]
    assert together == [([n], [n + 100]) for n in range(10)]


# -- bounds ---------------------------------------------------------------------------------------------------------


def test_a_slow_consumer_stops_the_reading() -> None:
    pool, read, most = Pool(2, small=0), 0, 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal read
        for n in range(200):
            read += 1
            yield work.numbers(n)

    for done, _ in enumerate(pool.map(work.same, counted())):
        time.sleep(0.002)
        most = max(most, read - done)
    pool.close()
    assert read == 200
    assert most <= pool.workers + AHEAD


def test_two_gigabytes_pass_in_bounded_memory() -> None:
    """2,000 batches of 1 MB: the parent holds a few of them at a time, and so does each worker."""
    script = """
import pyarrow as pa
from engines import work
from impound.engines._pool import Pool
megabyte, pool = pa.array([b"x" * 1_000_000]), Pool(2)
before = work.peak(None)[0]
batches = (pa.record_batch([megabyte], ["x"]) for _ in range(2000))
print(max(results[0]["n"][0].as_py() for results in pool.map(work.peak, batches)))
pool.close()
print(work.peak(None)[0]["n"][0].as_py() - before["n"][0].as_py())
"""
    worker, more_in_parent = map(int, in_python("-", stdin=script).stdout.split())
    assert worker < 160
    assert more_in_parent < 40


# -- processes ------------------------------------------------------------------------------------------------------


def in_python(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": path},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done


SCRIPT = """
import sys
from engines import work
from impound.engines._pool import Pool
print("once")
pool = Pool(2, small=0)
print([b["n"].to_pylist() for r in pool.map(work.same, (work.numbers(n) for n in range(3))) for b in r])
pool.close()
"""


@pytest.mark.parametrize("how", ["a script", "standard input", "-c", "-m"])
def test_a_caller_without_a_main_guard_is_run_once(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "caller.py").write_text(SCRIPT)
    monkeypatch.chdir(tmp_path)
    words = {"a script": ["caller.py"], "standard input": ["-"], "-c": ["-c", SCRIPT], "-m": ["-m", "caller"]}[how]
    done = in_python(*words, stdin=SCRIPT if how == "standard input" else "")
    assert done.stdout == "once\n[[0], [1], [2]]\n"


def test_a_file_of_the_evidence_folder_is_never_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json.py", "pickle.py", "pyarrow.py", "impound.py"):
        (tmp_path / name).write_text("import os; os.abort()")
    monkeypatch.chdir(tmp_path)
    pool = Pool(1, small=0)
    assert flat(pool.map(work.same, batches([1]))) == [[1]]
    pool.close()


ORPHAN = """
import os, sys
from engines import work
from impound.engines._pool import Pool
fn = getattr(work, sys.argv[1])
for _ in Pool(2, small=0).map(fn, (work.numbers(n) for n in range(10**9))):
    pass
"""


def workers_of(parent: int) -> set[int]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.add(int(stat.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


@pytest.mark.parametrize("fn", ["same", "hangs_at_13", "hangs_holding_the_lock"])
def test_no_worker_survives_the_death_of_its_parent(fn: str) -> None:
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN, fn], env=os.environ | {"PYTHONPATH": path}, stderr=subprocess.DEVNULL
    ) as parent:
        until = time.monotonic() + ENOUGH_SECONDS
        while len(workers := workers_of(parent.pid)) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(1)  # so that they are at work
        parent.kill()
    assert len(workers) == 2
    assert gone(workers)


def test_ctrl_c_is_the_parents_to_handle() -> None:
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN, "same"],
        env=os.environ | {"PYTHONPATH": path},
        stderr=subprocess.PIPE,
        process_group=0,
    ) as parent:
        until = time.monotonic() + ENOUGH_SECONDS
        while len(workers := workers_of(parent.pid)) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        os.killpg(parent.pid, signal.SIGINT)
        _, text = parent.communicate(timeout=ENOUGH_SECONDS)
    assert text.count(b"Traceback") == 1, text.decode()
    assert b"KeyboardInterrupt" in text
    assert gone(workers)


def test_closing_ends_the_workers() -> None:
    pool = Pool(2, small=0)
    pids = {p for r in flat(pool.map(work.who, batches(*([n] for n in range(20)))), "pid") for p in r}
    pool.close()
    assert gone(pids)
    pool.close()


def test_no_file_descriptor_is_left_behind() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        pool = Pool(2, small=0)
        assert flat(pool.map(work.exits_at_13, batches([13], [1]), work.buried)) == [[-13], [1]]
        pool.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
