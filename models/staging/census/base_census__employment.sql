{{ judge_rows(
    'economic_census_employment',
    grain=['city_code', 'industry_code'],
    unknown={
        'city_code': unknown_city(),
        'industry_code': unknown_industry(ref('stg_input_output__industry_output')),
    },
) }}
