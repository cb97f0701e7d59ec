"""The engine on trial: hostile submissions, each with the score it must get, and the court to try them in.

``python -m dropgrade.grading.engine.trial --write book/results/attacks.json`` tries them all and writes the
table that the instructor's page shows; the tests do the same.
"""

from dropgrade.grading.engine.trial import forging, lying, packing, reaching, spending
from dropgrade.grading.engine.trial.model import Attack

ATTACKS: tuple[Attack, ...] = (
    *reaching.ATTACKS,
    *spending.ATTACKS,
    *lying.ATTACKS,
    *forging.ATTACKS,
    *packing.ATTACKS,
)
