{# Every table of regressions laid out, long: one row per printed row and printed column.

   A column_id may start with the letter of a panel (`A1`). In each panel come the outcome of each column and
   what it is, the coefficients asked for with stars over their standard errors, then controls, effects, what is
   unusual in the kind of fit, N, R2, clusters with the effective ones in brackets, where rows are lost, and what
   could overturn the column. The paper prints reghdfe's within R2 where effects are absorbed, the ordinary R2
   elsewhere. A column that is not estimable says why in its row N. A row whose numbers would round to zero is
   printed in thousandths or less, and its label says so. p-values of the difference between two columns stand
   below the first of them: in the paper's form (rows drawn, one tail) and in the forms that keep cities whole. #}
{% set kinds_of_fit = "'twfe', 'iv', 'did', 'psm_did', 'interaction'" %}
{% set heads = [
    ('Outcome', '被解释变量', 'outcome'),
    ('Column is', '本列说明', 'note'),
] %}
{% set feet = [
    ('Controls', '控制变量', "case when controls <> '' then 'Yes' else '' end", false),
    ('Year and city effects', '年份与城市固定效应',
        "case when list_sort(string_split(fixed_effects, ' ')) = ['city_code', 'year'] then 'Yes' else fixed_effects end",
        false),
    ('Estimator', '估计方法', "case when estimator <> 'ols' then estimator end", true),
    ('Weights', '权重', 'weights', true),
    ('Standard errors', '标准误', "case when vcov_type <> 'CRV1 city_code' then vcov_type end", true),
    ('N', '样本量',
        "case when status = 'estimated' then format('{:,}', n_obs) else 'not estimable: ' || reason end", false),
    ('R2 (within where effects are absorbed)', 'R2（吸收固定效应时为组内）',
        "case when status = 'estimated' then printf('%.3f', coalesce(r2_within, r2, pseudo_r2)) end", false),
    ('Clusters (effective ones)', '聚类数（有效聚类数）',
        "case when status = 'estimated' then n_clusters || coalesce(printf(' (%.1f)', n_effective_clusters), '') end",
        false),
    ('Rows left out', '未使用的观测', 'rows_left_out', false),
    ('Remark', '备注', 'remark', false),
] %}
{% set differences_of = [
    ('row_bootstrap', 'p of the difference: rows drawn, one-sided (as printed)', '系数差异p值：按行抽样，单侧（同原文）',
        'least(differences.p_greater, differences.p_less)'),
    ('city_bootstrap', 'p of the difference: cities drawn, two-sided', '系数差异p值：按城市抽样，双侧', 'differences.p_two_sided'),
    ('city_permutation', 'p of the difference: city labels shuffled, two-sided', '系数差异p值：打乱城市分组，双侧',
        'differences.p_two_sided'),
    ('interacted', 'p of the difference: fully interacted model, two-sided', '系数差异p值：完全交互模型，双侧',
        'differences.p_two_sided'),
] %}
{{ behind_gate('results') }}
with model_fits as (

    select
        spec_id,
        table_id,
        column_id,
        design,
        estimator,
        outcome,
        treatment,
        moderator,
        weights,
        note,
        controls,
        fixed_effects,
        status,
        reason,
        n_obs,
        n_clusters,
        vcov_type,
        r2,
        r2_within,
        pseudo_r2
    from {{ ref('fct_model_fits') }}

),

diagnostics as (

    select * from {{ ref('fct_fit_diagnostics') }}

),

coefficients as (

    select * from {{ ref('fct_coefficients') }}

),

differences as (

    select * from {{ ref('fct_group_differences') }}

),

variables as (

    select * from {{ ref('panel_variables') }}

),

fits as (

    select
        model_fits.*,
        diagnostics.n_effective_clusters,
        diagnostics.rows_left_out,
        diagnostics.remark,
        regexp_extract(model_fits.column_id, '^([A-Z]?)[0-9]+$', 1) as panel,
        -- Outside printed tables several may have one column_id: they are told apart by their names.
        coalesce(nullif(regexp_extract(model_fits.column_id, '^[A-Z]?([0-9]+)$', 1), ''), model_fits.column_id)
            || case
                when count(*) over (partition by model_fits.table_id, model_fits.column_id) > 1
                    then ' ' || model_fits.spec_id
                else ''
            end as printed_column
    from model_fits
    left join diagnostics on model_fits.spec_id = diagnostics.spec_id
    -- What gives no coefficient of its own stands in a table of its own.
    where model_fits.design in ({{ kinds_of_fit }})

),

placed as (

    select
        *,
        dense_rank() over (
            partition by table_id
            order by try_cast(regexp_extract(printed_column, '^[0-9]+') as integer), printed_column
        ) as position
    from fits

),

-- The treatment, estimated or not, then what the design asks for beside it.
terms as (

    select
        placed.*,
        placed.treatment as term,
        1 as term_position
    from placed
    union all
    select
        placed.*,
        coefficients.term,
        case when coefficients.term = placed.moderator then 2 else 3 end as term_position
    from placed
    inner join coefficients on placed.spec_id = coefficients.spec_id
    where
        coefficients.term = placed.moderator
        or coefficients.term = placed.treatment || ':' || placed.moderator
        -- Further policies of the same regression.
        or (placed.treatment = 'treated' and starts_with(coefficients.term, 'treated_'))

),

treatment_rows as (

    select
        terms.spec_id,
        terms.table_id,
        terms.panel,
        terms.printed_column,
        terms.position,
        terms.term,
        terms.term_position,
        min(terms.position) over (partition by terms.table_id, terms.panel, terms.term) as treatment_position,
        coefficients.estimate,
        coefficients.std_error,
        coefficients.p_value,
        {{ thousands('min(coefficients.std_error) over (partition by terms.table_id, terms.panel, terms.term)') }}
            as exponent
    from terms
    left join coefficients on terms.spec_id = coefficients.spec_id and terms.term = coefficients.term

),

named as (

    select
        treatment_rows.*,
        -- A product has the names of both; what a design makes of a list of pilots is no variable.
        coalesce(
            ones.name_en,
            case when split_part(treatment_rows.term, ':', 1) = 'treated' then 'Policy in force' end,
            split_part(treatment_rows.term, ':', 1)
        ) || case
            when contains(treatment_rows.term, ':')
                then ' x ' || coalesce(others.name_en, split_part(treatment_rows.term, ':', 2))
            else ''
        end as name_en,
        coalesce(
            ones.name_zh,
            case when split_part(treatment_rows.term, ':', 1) = 'treated' then '政策实施' end,
            split_part(treatment_rows.term, ':', 1)
        ) || case
            when contains(treatment_rows.term, ':')
                then ' x ' || coalesce(others.name_zh, split_part(treatment_rows.term, ':', 2))
            else ''
        end as name_zh
    from treatment_rows
    left join variables as ones on split_part(treatment_rows.term, ':', 1) = ones.variable
    left join variables as others on split_part(treatment_rows.term, ':', 2) = others.variable

),

cells as (

    {%- for label, label_zh, cell in heads %}
    select
        spec_id,
        'head' as part,
        table_id,
        panel,
        0 as section,
        0 as treatment_position,
        0 as term_position,
        '' as term,
        {{ loop.index }} as line,
        '{{ label }}' as row_label,
        '{{ label }}' as label_en,
        '{{ label_zh }}' as label_zh,
        printed_column,
        position,
        {{ cell }} as cell
    from placed
    union all
    {%- endfor %}
    select
        spec_id,
        'estimate' as part,
        table_id,
        panel,
        1 as section,
        treatment_position,
        term_position,
        term,
        1 as line,
        term || {{ power_in_words('exponent') }} as row_label,
        name_en || {{ power_in_words('exponent') }} as label_en,
        name_zh || {{ power_in_words('exponent') }} as label_zh,
        printed_column,
        position,
        printf('%.4f', estimate * pow(10, exponent)) || {{ stars('p_value') }} as cell
    from named
    union all
    select
        spec_id,
        'std_error' as part,
        table_id,
        panel,
        1 as section,
        treatment_position,
        term_position,
        term,
        2 as line,
        '' as row_label,
        '' as label_en,
        '' as label_zh,
        printed_column,
        position,
        printf('(%.4f)', std_error * pow(10, exponent)) as cell
    from named
    {%- for label, label_zh, cell, is_unusual in feet %}
    union all
    select
        spec_id,
        'foot' as part,
        table_id,
        panel,
        2 as section,
        0 as treatment_position,
        0 as term_position,
        '' as term,
        {{ loop.index }} as line,
        '{{ label }}' as row_label,
        '{{ label }}' as label_en,
        '{{ label_zh }}' as label_zh,
        printed_column,
        position,
        {{ cell }} as cell
    from placed
    {%- if is_unusual %}
    qualify count({{ cell }}) over (partition by table_id, panel) > 0
    {%- endif %}
    {%- endfor %}
    {%- for method, label, label_zh, p_value in differences_of %}
    union all
    select
        differences.spec_id,
        'difference' as part,
        compared.table_id,
        '' as panel,
        3 as section,
        0 as treatment_position,
        0 as term_position,
        '' as term,
        {{ loop.index }} as line,
        '{{ label }}' as row_label,
        '{{ label }}' as label_en,
        '{{ label_zh }}' as label_zh,
        regexp_extract(compared.column_id, '[0-9]+') as printed_column,
        try_cast(regexp_extract(compared.column_id, '[0-9]+') as integer) as position,
        printf('%.3f', {{ p_value }}) || {{ stars(p_value) }} as cell
    from differences
    inner join model_fits as compared on differences.spec_id = compared.spec_id
    where differences.method = '{{ method }}'
    {%- endfor %}

),

final as (

    select
        table_id,
        (dense_rank() over (
            partition by table_id
            order by panel, section, treatment_position, term_position, term, line
        ))::integer as row_number,
        panel,
        row_label,
        label_en,
        label_zh,
        panel || printed_column as column_id,
        printed_column,
        position::integer as position,
        cell,
        part,
        spec_id,
        nullif(term, '') as term,
        {{ data_origin() }} as data_origin
    from cells

)

select * from final
order by table_id, row_number, position
