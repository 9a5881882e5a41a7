"""What the experiments on published tables of runs share: fits, printed numbers, absent tables.

The numbers that a table's authors published are computed from the same rows: where ours differ, the
computation does. They carry no sampling error and are compared in half units of the last digit
printed; an interval belongs to what is said beyond the table.
"""
