"""Texts of imports: the file (infra/sheets), the choices, rows, remarks (inventory/rules)."""

from booking.web.rule_texts import N_

IMPORT_TEXTS: dict[str, str] = {
    "import_empty": N_("The file is empty."),
    "import_not_a_table": N_("This is %(kind)s, not a table. Save it as XLSX or CSV."),
    "import_encrypted": N_("The workbook is locked. Save it without a password."),
    "import_damaged": N_("This cannot be read as a spreadsheet. Open it in one and save it anew."),
    "import_zip_entries": N_("The workbook holds %(actual)s files; at most %(limit)s are read."),
    "import_unpacked": N_("Its content is %(actual)s MB; at most %(limit)s MB are read."),
    "import_zip_ratio": N_(
        "The workbook is packed %(actual)s times smaller; at most %(limit)s times is accepted."
    ),
    "import_columns": N_(
        "It has %(actual)s columns; at most %(limit)s are read. Delete those without use."
    ),
    "import_rows": N_("It has %(actual)s rows or more; at most %(limit)s are read. Split it."),
    "import_too_slow": N_("Reading it takes more than %(limit)s seconds. Split it."),
    "import_too_big": N_("Reading it takes more than %(limit)s MB of memory. Split it."),
    "import_no_names": N_("No column names the units. There are: %(columns)s. Map them by hand."),
    "import_unknown_field": N_("The mapping's “%(actual)s” is no field; possible are: %(limit)s."),
    "import_unknown_column": N_("There is no column “%(actual)s”; there are: %(limit)s."),
    "import_bad_mapping": N_(
        "“%(actual)s” must be mapped to a column, a list of columns or a constant."
    ),
    "import_site_needed": N_("Name a site: there are %(actual)s, so it cannot be guessed."),
    "import_place_retired": N_("“%(actual)s” has been retired; nothing can be put there."),
    "import_name_missing": N_("Give a name, or manufacturer and model."),
    "import_too_long": N_("At most %(limit)s characters; this has %(actual)s."),
    "import_day": N_("Write the day like 2026-03-01."),
    "import_amount": N_("Write the amount like 1250.50, not below zero."),
    "import_yes_or_no": N_("Write 是 or 否 (yes or no)."),
    "import_kind_unknown": N_("Write instrument, room, place or person."),
    "import_site_missing": N_("Name the site; there is more than one."),
    "import_repeated": N_("Rows %(first)s and %(line)s are the same unit; the first counts."),
    "import_ambiguous": N_(
        "%(count)s units have this serial number and model. Add the asset number."
    ),
    "import_keyless": N_("No asset or serial number: the row cannot be recognised once edited."),
    "import_no_lab": N_("No lab is named; the unit goes to %(lab)s."),
    "import_state_unknown": N_("This state is not known; the unit counts as limited."),
    "import_category": N_("This class is not known; the class %(used)s above it is taken."),
    "import_category_unknown": N_("This class is not known; it is left empty."),
    "import_stays_in_pool": N_(
        "The unit stays in its instrument group: the file does not move the whole group."
    ),
    "import_no_column": N_(
        "No column for “%(actual)s” is recognised. There are: %(columns)s. Map it by hand."
    ),
    "import_bad_duration": N_('“duration” must be {"column": …, "minutes": …}.'),
    "import_where_missing": N_("To create what is missing, name an institution and a site."),
    "import_resource_missing": N_("Name what was booked."),
    "import_resource_unknown": N_("No unit has this asset number, model and serial, or name."),
    "import_resource_ambiguous": N_("%(count)s units are called so. Use the asset number."),
    "import_time": N_("Write the time like 2026-03-01 09:00."),
    "import_zone": N_("Write a time zone such as Asia/Shanghai."),
    "import_count": N_("Write a number."),
    "import_not_open": N_("This import is not open any more. Look at it again."),
    "import_overtaken": N_(
        "Somebody created the same thing at the same moment. Upload the file again."
    ),
    "import_file_missing": N_("Choose a file."),
    "import_retired_by_hand": N_("Units are retired and taken back on their page, not by a file."),
    "import_booked": N_(
        "%(count)s coming reservations use it: %(references)s. It keeps its state: take it out of "
        "service on its page, where they are moved, kept or cancelled."
    ),
    "import_needed": N_(
        "Other units need it. It keeps its state: change it on its page, where they are closed or "
        "opened with it."
    ),
}
