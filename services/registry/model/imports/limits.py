"""How much of a file is read, so that no file takes memory or time from anybody else."""

#: Bytes of an uploaded file.
LARGEST = 10 * 1024 * 1024
#: Bytes of a workbook's parts when they are unpacked, together; only parts with cells are unpacked at all.
LARGEST_UNPACKED = 160 * 1024 * 1024
#: How many times larger than packed a part may become. Sheets of many equal rows come to about 60.
HIGHEST_RATIO = 200
#: … which says little about small parts.
RATIO_FROM = 1024 * 1024
MOST_PARTS = 500
MOST_SHEETS = 20
MOST_COLUMNS = 60
MOST_ROWS = 200_000
MOST_MEASURES = 1_000
#: Characters of one cell.
LONGEST_CELL = 20_000
#: Characters of all texts a workbook's cells share.
MOST_SHARED = 24 * 1024 * 1024
#: Rows that must be mended and are kept; more are only counted.
MOST_FAULTY = 10_000
