{{ judge_rows('policy_pilots', unknown={'city_code': unknown_city()}, aliases=true) }}
