{# Expectations of severity warn that are not met: worth a look, no reason to stop. Errors stop the
   build at their gate. #}
{{ config(severity='warn') }}
select
    suite,
    message
from {{ ref('fct_expectation_results') }}
where run_id = {{ run_number() }} and not success
