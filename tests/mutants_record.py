"""Planted defects of what is on record: the audit, its seals, privacy, uploads."""

from tests.mutant import Mutant

SEALING = "tests/audit/test_sealing.py"

RECORD = (
    Mutant(
        name="several processes seal at once",
        file="booking/audit/services/sealing.py",
        old="    if is_postgresql(session) and not session.scalar(_LOCK):\n        return 0\n",
        new="",
        tests=(f"{SEALING}::test_of_several_sealers_none_seals_what_another_does[postgresql]",),
        promise="the chain of seals is one",
    ),
    Mutant(
        name="what is committed out of order is never sealed",
        file="booking/audit/queries/seals.py",
        old="LOOKED_BACK = 20_000",
        new="LOOKED_BACK = 0",
        tests=(f"{SEALING}::test_rows_committed_out_of_the_order_of_ids_are_sealed_when_they_are",),
        promise="every committed row is sealed",
    ),
    Mutant(
        name="seals do not hold who did it",
        file="booking/audit/rules.py",
        old='    "id", "at", "actor_id", "action",',
        new='    "id", "at", "action",',
        tests=(f"{SEALING}::test_every_column_of_an_audit_row_is_sealed",),
        promise="whatever is changed in the audit is found",
    ),
    Mutant(
        name="links of the chain do not hold the one before",
        file="booking/audit/rules.py",
        old="    if link.prev_hash != head.hash:\n        return WRONG_ORDER\n",
        new="",
        tests=(f"{SEALING}::test_whatever_is_changed_is_found_where_it_is",),
        promise="whatever is changed in the audit is found",
    ),
    Mutant(
        name="seals changeable",
        file="booking/infra/ddl.py",
        old='_APPEND_ONLY = ("audit", "audit_personal", "audit_seal")',
        new='_APPEND_ONLY = ("audit", "audit_personal")',
        tests=(f"{SEALING}::test_rows_and_seals_are_neither_changed_nor_removed",),
        promise="what was audited stays",
    ),
    Mutant(
        name="a header says where one comes from",
        file="booking/web/login.py",
        old='kept_address(request.remote_addr or "",',
        new='kept_address(request.headers.get("X-Forwarded-For", request.remote_addr or ""),',
        tests=("tests/audit/test_from_where.py::test_a_page_says_so_and_believes_no_header",),
        promise="the audit holds the real address",
    ),
    Mutant(
        name="files are what their names say",
        file="booking/web/uploads.py",
        old="    if ending not in (_PICTURE_ENDINGS if picture else kind.endings):\n",
        new="    if not ending:\n",
        tests=("tests/infra/test_storage.py::test_a_name_that_says_otherwise_is_refused",),
        promise="an upload is what its content says",
    ),
    Mutant(
        name="uploads sent as pages of ours",
        file="booking/web/uploads.py",
        old="ALONE = \"default-src 'none'; sandbox\"",
        new="ALONE = \"default-src 'self'\"",
        tests=(
            "tests/infra/test_storage.py::"
            "test_a_kept_file_is_given_back_as_a_download_that_runs_nothing",
        ),
        promise="nothing uploaded runs",
    ),
    Mutant(
        name="archives are believed",
        file="booking/infra/storage/kinds.py",
        old="    if too_much or any(_leads_out(name) for name in names):\n",
        new="    if too_much:\n",
        tests=("tests/infra/test_storage.py::test_what_is_none_of_these_is_refused",),
        promise="no archive leads out of its folder",
    ),
    Mutant(
        name="a company reads the whole audit",
        file="booking/audit/queries/listing.py",
        old="select(Reservation.id).where(Reservation.company_id == company_id)),\n",
        new="select(Reservation.id)),\n",
        tests=("tests/audit/test_audit_pages.py::test_a_company_reads_its_own_and_nothing_else",),
        promise="no tenant ever sees another's",
    ),
    Mutant(
        name="whoever comes reads a company's audit",
        file="booking/audit/queries/listing.py",
        old='        require(actor, "audit.read_company", Subject(company_id=scope.company_id))\n',
        new="        pass\n",
        tests=("tests/audit/test_audit_pages.py::test_a_company_reads_its_own_and_nothing_else",),
        promise="no tenant ever sees another's",
    ),
    Mutant(
        name="exports hold formulas",
        file="booking/infra/sheets/write.py",
        old="        [escaped(_fit(cell)) for cell in row] for row in rows\n",
        new="        [_fit(cell) for cell in row] for row in rows\n",
        tests=("tests/audit/test_audit_pages.py::test_no_cell_of_a_file_is_a_formula",),
        promise="no export runs in a spreadsheet",
    ),
)
