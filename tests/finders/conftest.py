"""Failing cases show which rows differ."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("finders.cases")
