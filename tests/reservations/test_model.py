"""Random stories against the model: what the services hold is what the model says."""

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.reservations.model_more import WholeTruth

# A planted defect only has to be seen, not to be told in its shortest form.
SEEN = (Phase.explicit, Phase.generate)


def test_the_service_agrees_with_the_model(sqlite_template, clock):
    machine = type("Machine", (WholeTruth,), {"template": sqlite_template})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=28,
            stateful_step_count=30,
            deadline=None,
            phases=SEEN if "BOOKING_TEST_PLANTED" in os.environ else tuple(Phase),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
