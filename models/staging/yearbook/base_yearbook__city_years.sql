{{ judge_rows(
    'city_yearbook',
    grain=['city_code', 'year'],
    unknown={'city_code': unknown_city()},
    unit_slips=true,
) }}
