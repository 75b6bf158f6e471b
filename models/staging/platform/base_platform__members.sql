{{ config(
    pre_hook="{{ engine_setting('preserve_insertion_order', 'false') }}",
    post_hook="{{ engine_setting('preserve_insertion_order', none) }}"
) }}

{{ judge_rows(
    'platform_members',
    grain=['firm_id'],
    unknown={
        'city_code': unknown_city(),
        'industry_code': unknown_industry(ref('stg_input_output__industry_output')),
    },
    only_odd=true,
) }}
