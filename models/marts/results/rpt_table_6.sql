{{ rpt_table('table_6', columns=['1', '2', '3', '4', '5'], has_panels=true) }}
