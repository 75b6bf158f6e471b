{{ rpt_table('table_3', columns=['1', '2', '3', '4']) }}
