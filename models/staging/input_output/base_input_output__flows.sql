{{ judge_rows(
    'input_output_flows',
    grain=['year', 'supplying_sector', 'using_sector'],
    codes={'supplying_sector': sector_codes(), 'using_sector': sector_codes()},
) }}
