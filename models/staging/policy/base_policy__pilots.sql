-- depends_on: {{ ref('pilot_aliases') }}
{{ judge_rows('policy_pilots', unknown={'city_code': unknown_city()}) }}
