"""The inbox."""

from tests.matrix import ALL, action, page

DECIDERS = "mei dee ops"  # each of their own labs

ACCESS = {
    "GET approvals.inbox": [page(DECIDERS, also={"aud": 404})],
    # Who may not decide is told so in a flash; that nothing changes is tested with the inbox.
    "POST approvals.decide": [
        action(ALL, form={"approve": "{pending}:1"}),
        page("mei ops", form={"reject": "{pending}:1"}),
    ],
}
