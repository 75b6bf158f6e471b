{# Raw cells that are hardly true and nobody decided about. A warning: yearbooks do print such numbers,
   the build uses them as they are, and only the analyst can say what is right. #}
{{ config(severity='warn') }}
select * from {{ ref('fct_suspicious_cells') }}
where action = 'undecided'
