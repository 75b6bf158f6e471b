{{ config(
    pre_hook="{{ engine_setting('preserve_insertion_order', 'false') }}",
    post_hook="{{ engine_setting('preserve_insertion_order', none) }}"
) }}

{{ judge_rows(
    'platform_members',
    grain=['firm_id'],
    unknown={'city_code': unknown_city()},
    codes={'industry_code': industry_codes()},
    only_odd=true,
) }}
