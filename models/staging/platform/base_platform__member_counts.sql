{{ judge_rows(
    'platform_member_counts',
    grain=['city_code', 'industry_code', 'year'],
    unknown={'city_code': unknown_city()},
    codes={'industry_code': industry_codes()},
) }}
