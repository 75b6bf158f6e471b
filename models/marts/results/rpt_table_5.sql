{{ rpt_table('table_5', columns=['1', '2', '3', '4', '5'], has_panels=true) }}
