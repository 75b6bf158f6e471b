{{ behind_gate('results') }}
{{ printed_table('table_4', columns=['1', '2', '3', '4', '5', '6', '7', '8'], has_differences=true) }}
