"""The doctor tries each part of the machine and gives the mend for what does not work."""

import subprocess
import sys

import pytest

from dropgrade import doctor


def test_every_no_has_a_mend_and_a_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine with nothing installed, each missing part says what it costs and what to type."""
    monkeypatch.setenv("PATH", "")
    missing = [finding for part in doctor.PARTS if not (finding := part()).works]
    assert {finding.part for finding in missing} >= {"sandbox", "browser", "node", "GPU"}
    assert all(finding.mend and finding.serves and finding.detail for finding in missing)


def test_a_sandbox_that_the_kernel_forbids_is_a_no(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An installed bwrap that fails counts as missing; the mend is a kernel setting, not a package."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "bwrap").write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2\nexit 1\n")
    (folder / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    finding = doctor.sandbox()
    assert not finding.works
    assert "Permission denied" in finding.detail and "sysctl" in finding.mend


def test_a_hanging_part_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that never answers is reported, not waited for."""
    works, detail = doctor.attempt(sys.executable, "-c", "import time; time.sleep(60)", timeout=0.2)
    assert not works
    assert "timed out" in detail


def test_without_root_the_line_to_type_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A normal user gets the one line with sudo, and nothing is installed behind their back."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("nothing may be run"))
    lines = list(doctor.install_system_parts())
    assert "bubblewrap" in lines[0]
    assert lines[1].strip().startswith("sudo apt-get update && sudo apt-get install -y")


def test_nothing_missing_prints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set-up is silent about a machine that has everything."""
    monkeypatch.setattr(doctor.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert list(doctor.install_system_parts()) == []


def test_a_failed_installation_is_reported_and_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    """When apt fails its last line is shown and set-up goes on."""
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        doctor.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None
    )
    failed = subprocess.CompletedProcess([], 100, "", "E: Unable to locate package chromium\n")
    monkeypatch.setattr(doctor.subprocess, "run", lambda *a, **k: failed)
    lines = list(doctor.install_system_parts())
    assert "Unable to locate package chromium" in lines[1]
    assert "dropgrade doctor" in lines[2]
