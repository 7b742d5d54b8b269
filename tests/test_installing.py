"""A new installation (PNL-68): judged first, taken whole, and never a reason to be locked out."""

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from hems.assembly import judged
from hems.child import Ended
from hems.clock import SystemClock
from hems.errors import ConfigError
from hems.installing import ALLOWED, Installer, Stage, beside, judge_in_child, opened
from hems.model.intents import Change, Install, Refusal, Restart
from hems.model.surroundings import Appliance
from hems.reactor import Reactor

FILE = (
    '# mine\n[site]\nname = "Home"\ntime_zone = "UTC"\nmain_fuse_a = [25, 25, 25]\n'
    '[[bus]]\nname = "a"\nport = "/dev/x"\n'
)
SMALLER = Install((Change(("site", "main_fuse_a"), (20, 20, 20)),))


class Bench:
    """An installer whose judge answers when the test wants it to."""

    def __init__(self, folder: Path, refused: str = "") -> None:
        self.path = folder / "hems.toml"
        if not self.path.exists():
            self.path.write_text(FILE)
        self.answers: list[Refusal | None] = []
        self.left = 0
        self.stages = [Stage.RESTING]
        self._ended: Ended | None = None
        self.looked: list[Path] = []
        self.installer = Installer(self.path, self._judge, self._leave, refused)

    def _leave(self) -> None:
        assert self.answers, "whoever asked is told before the end"
        self.left += 1

    def _judge(self, path: Path, ended: Ended) -> None:
        self.looked.append(path)
        self._ended = ended

    def ask(self, asked: Install | Restart = SMALLER) -> None:
        self.installer.ask(asked, self.answers.append)
        self._note()

    def judge(self, code: int | None = 0, words: str = "") -> None:
        assert self._ended is not None
        self._ended(code, words)
        self._note()

    def _note(self) -> None:
        self.stages.append(self.installer.stage)
        before, after = self.stages[-2:]
        assert before is after or after in ALLOWED[before]

    def files(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in sorted(self.path.parent.iterdir())}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_good_one_takes_its_place_once_the_service_has_stopped(bench: Bench) -> None:
    bench.ask()
    new = FILE.replace("25, 25, 25", "20, 20, 20")
    assert bench.looked == [beside(bench.path, "new")]
    assert bench.files() == {"hems.toml": FILE, "hems.toml.new": new}
    bench.judge()
    assert (bench.answers, bench.left) == ([None], 1)
    assert bench.files()["hems.toml"] == FILE, "not before everything is safe"
    bench.installer.finish()
    found = bench.files()
    assert len(found.pop("hems.toml.mark")) == 65
    assert found == {"hems.toml": new, "hems.toml.1": FILE}
    bench.installer.finish()
    assert bench.files()["hems.toml.1"] == FILE


@pytest.mark.parametrize(
    ("code", "words", "said"),
    [
        (2, "hems: charger[0]: no", "charger[0]: no"),
        (2, "a warning\nhems: site: no", "site: no"),
        (None, "it took too long", "it took too long"),
        (1, "", "it cannot be used"),
    ],
)
def test_a_bad_one_is_refused_with_its_words(bench: Bench, code: int | None, words: str, said: str) -> None:
    bench.ask()
    bench.judge(code, words)
    assert bench.answers == [Refusal("bad_value", said)]
    assert (bench.left, bench.files()) == (0, {"hems.toml": FILE})
    bench.installer.finish()
    assert bench.files() == {"hems.toml": FILE}
    bench.ask()
    bench.judge()
    assert bench.left == 1, "a next one is taken"


def test_one_at_a_time(bench: Bench) -> None:
    """Hems.Reload: a second one meanwhile is refused."""
    bench.ask(Restart())
    assert bench.looked == [bench.path]
    bench.ask()
    bench.judge()
    bench.ask(Restart())
    (first, granted, last) = bench.answers
    assert first is not None
    assert last is not None
    assert (first.code, granted, last.code, bench.left) == ("not_now", None, "not_now", 1)
    bench.installer.finish()
    assert bench.files() == {"hems.toml": FILE}, "a restart changes no file"


def test_a_file_that_somebody_edited_since_is_asked_about(bench: Bench, tmp_path: Path) -> None:
    """DESIGN: it asks before it replaces a file that was edited by hand since."""
    bench.ask()
    bench.judge()
    bench.installer.finish()
    again = Bench(tmp_path)
    assert not again.installer.told(Appliance()).by_hand
    again.path.write_text(FILE + "# by hand\n")
    again.ask()
    (refusal,) = again.answers
    assert refusal is not None
    assert (refusal.code, again.looked) == ("not_now", [])
    assert again.installer.told(Appliance()).by_hand
    again.ask(Install(SMALLER.changes, over_hand=True))
    again.judge()
    again.installer.finish()
    assert again.path.read_text().endswith("# by hand\n")
    assert not Bench(tmp_path).installer.told(Appliance()).by_hand


def test_what_cannot_be_written_is_refused(bench: Bench) -> None:
    bench.ask(Install((Change(("bus", "a"), 3),)))
    bench.path.unlink()
    bench.ask()
    assert [answer.code for answer in bench.answers if answer] == ["bad_value", "not_now"]
    assert (bench.left, bench.looked, bench.files()) == (0, [], {})


def test_a_file_that_cannot_be_used_gives_way_to_the_former(bench: Bench) -> None:
    bench.ask()
    bench.judge()
    bench.installer.finish()
    assert opened(bench.path, judged).config.site.main_fuse_a[0] == 20
    bench.path.write_text("[site]\nnot toml")
    found = opened(bench.path, judged)
    assert found.config.site.main_fuse_a[0] == 25
    assert "not valid TOML" in found.refused
    appliance = Bench(bench.path.parent, found.refused).installer.told(Appliance())
    assert appliance.refused == found.refused
    beside(bench.path, "1").unlink()
    with pytest.raises(ConfigError, match="not valid TOML"):
        opened(bench.path, judged)


def test_after_a_refused_file_the_one_in_use_is_changed_and_stays_the_former(tmp_path: Path) -> None:
    """PNL-68: the file that cannot be used is neither built upon nor what a bad change falls back to."""
    useless = FILE.replace("Home", "Elsewhere").replace("[25, 25, 25]", "[25, 25]")
    (tmp_path / "hems.toml").write_text(useless)
    beside(tmp_path / "hems.toml", "1").write_text(FILE)
    bench = Bench(tmp_path, "site.main_fuse_a: no")
    bench.ask()
    new = FILE.replace("25, 25, 25", "20, 20, 20")
    assert bench.files()["hems.toml.new"] == new
    bench.judge()
    bench.installer.finish()
    found = bench.files()
    del found["hems.toml.mark"]
    assert found == {"hems.toml": new, "hems.toml.1": FILE, "hems.toml.refused": useless}


@pytest.mark.parametrize("change", [lambda text: text, lambda text: text.replace("25, 25, 25", "0, 0, 0")])
def test_it_is_judged_by_the_decoder_of_the_start(tmp_path: Path, change: Callable[[str], str]) -> None:
    """PNL-68: in a process of its own, in real time."""
    path = tmp_path / "hems.toml"
    path.write_text(change(FILE))
    reactor = Reactor(SystemClock(UTC))
    told: list[tuple[int | None, str]] = []
    judge_in_child(reactor, reactor.clock)(path, lambda code, words: told.append((code, words)))
    reactor.run_until(reactor.clock.mono_s() + 20.0, lambda: bool(told))
    reactor.close()
    ((code, words),) = told
    if path.read_text() == FILE:
        assert code == 0, words
    else:
        assert (code, words) == (2, "hems: site.main_fuse_a[0]: out of range; use 6 to 200 A")
