"""A lab manager's pages of pools and units; pictures. Forms are sent empty."""

from tests.matrix import page, table

WEST = "mei ops"  # West's lab manager, the operator

ACCESS = {
    **table(
        "mei dee ops",
        """
        # endpoint          ids                  GET  POST
        manage.list_pools   -                    200  -
        manage.new_pool     -                    200  422
        """,
    ),
    **table(
        WEST,
        """
        manage.pool            pool_id=shared_pool  200  422
        manage.picture         pool_id=shared_pool  200  422
        manage.remove_picture  pool_id=shared_pool  -    302
        manage.retire          pool_id=shared_pool  200  409
        manage.restore         pool_id=shared_pool  -    302
        manage.lab             pool_id=shared_pool  200  422
        units.list_units       pool_id=shared_pool  200  422
        units.new_unit         pool_id=shared_pool  200  422
        units.unit             unit_id=unit         200  302
        units.retire           unit_id=unit         200  302
        units.restore          unit_id=unit         -    302
        regroup.choose         unit_id=unit         200  -
        regroup.unit           unit_id=unit,pool_id=shared_pool  200  422
        regroup.split          pool_id=shared_pool  200  422
        """,
    ),
    "GET photos.photo": [page("", params={"pool_id": "shared_pool"})],  # there is none
}
