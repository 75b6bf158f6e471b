{{ judge_rows(
    'economic_census_employment',
    grain=['city_code', 'industry_code'],
    unknown={'city_code': unknown_city()},
    codes={'industry_code': industry_codes()},
) }}
