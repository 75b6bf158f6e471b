{{ judge_rows(
    'platform_member_counts',
    grain=['city_code', 'industry_code', 'year'],
    unknown={
        'city_code': unknown_city(),
        'industry_code': unknown_industry(ref('stg_input_output__industry_output')),
    },
) }}
