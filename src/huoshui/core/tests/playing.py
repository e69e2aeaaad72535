"""How machines of Hypothesis are played here."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def play(
    machine: type[RuleBasedStateMachine], *, examples: int, steps: int, from_seed: int, is_quiet: bool = False
) -> None:
    """Whatever fails is told with its steps, and not made smaller, which takes minutes."""
    if not is_quiet:
        print(f"seed {from_seed}")
    how = settings(
        max_examples=examples,
        stateful_step_count=steps + 1,  # opening is one
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet if is_quiet else Verbosity.normal,
    )
    run_state_machine_as_test(seed(from_seed)(machine), settings=how)
