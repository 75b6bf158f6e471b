"""Simulated raw data with a known truth.

``urban-resilience simulate --out data/simulated`` writes every raw file of the study
and ``truth.json``; :func:`.simulate.simulate` returns the same as frames. The data are drawn so
that the panel *computed from them* resembles the printed tables of Yan, Xu and Zhang (2025). They
reproduce published coefficients by construction: they test the plumbing and are never evidence.

How the data come about
-----------------------
Indices: city c, year t, sector j, dimension k. Constants: :class:`.parameters.Parameters` and the
tables at the head of each module, each with its source. Every subject draws from a stream of its
own, derived from one seed.

1. *Geography* (`geography`). 284 cities of the reference seed; importance
   ``s_c = hierarchy premiums + noise``; group flags and smart-city pilots from the seeds.
2. *Input-output tables* (`input_output`). Digital services bought per unit of output follow set
   coefficients a_jt; digital users deepen until the middle of the 2010s.
3. *Members* (`members`). Latent digital intensity, bent towards a ceiling,

       ln x_ct = spread * z_c + within * AR1_ct + province_pt + early_c * time_t + pilot_ct,

   sets the share of digital-service members, P x_ct / sum_c w_ct x_ct, so that

       vagg_ct = sum_j LQ_cjt a_jt
               ~ sum_j(ordinary) LQ a + (sum_j(digital) a_jt) x_ct / (member-weighted mean of x).

   Integer stocks become spells of membership. Four cities never have a member.
4. *Traits and controls* (`traits`). City levels correlated with s_c, a common rise and AR(1)
   noise, scaled to the winsorized moments of Table 2. A resilience trait combines the traits.
5. *Yearbook* (`yearbook`). Given series: population, output, prices, demand, investment, the
   series behind the controls, digital infrastructure; broadband and retail sales share the
   provincial factor of step 3, which is how vagg moves with outside market potential.
   Free series: whatever only resilience depends on.
6. *Gaps* (`gaps`). Short interior gaps to interpolate, long ones that cost exactly 195 kept
   city-years, three cities to drop, late broadband (98 city-years), one late investment series.
7. *Employment* (`employment`). Drawn so that labour misallocation responds to vagg:
   ``dist_l_ct = level_c - .167 (vagg_ct - mean_c) + noise_ct``.
8. *Census* (`census`). Employment by division; digital divisions follow z_c.
9. *Resilience* (`effects`, `resilience_target`). A structural equation per dimension,

       D_k,ct = B_k,ct + lambda_k E_ct + u_k,ct,      resi_ct = sum_k W_k D_k,ct,

   with E_ct the heterogeneous effect of vagg plus mechanisms and controls. The free series are
   moved, by a damped fixed-point iteration because entropy weights depend on the data, until the
   computed dimensions equal their targets (largest error of ``resi`` in ``truth.json``).
10. *Truth* (`truth`). The parameters, and the total effect of vagg: the two-way projection of
    the noiseless part of computed resilience on computed vagg, which an estimator should recover.

Calibration with the default seed (computed / printed)
------------------------------------------------------
Table 2, mean and standard deviation: resi .155 .096 / .153 .095; vagg .162 .313 / .159 .314;
controls within 2 percent of both. Upper bounds: resi .566 / .735 (.82 before winsorizing), vagg
2.065 / 1.983. Lower bound of resi .041 / .051.

Table 3: pooled .112 (.022) R2 .133 / .1155 (.0227) .146; two-way .0103 (.0027) .020 / .0083
(.0027) .009; controls only .042 (.017) .515 / .0274 (.0163) .534; both .0078 (.0028) .066 /
.0075 (.0027) .055. City-years 3,177; with dist 3,166; with mp, lmp or hmp 3,079.

Table 4: old industrial .0032 and others .0090; good infrastructure .0101 and poor .0043;
agglomerations .0061 and others .0094; Yangtze belt .0026 and others .0113.

Accounting
----------
Parts never exceed their whole: secondary and tertiary output and GDP, science and education and
fiscal expenditure, household savings and deposits, unemployed and employed persons. Wholes are
drawn as their parts and a rest. Smoothness: with the default seed no cell is suspicious beside the
city's own years, because foreign investment has a floor and the fit moves no cell by more than a
factor 2.2; other seeds may draw one or two steep paths. Employed persons may exceed the registered
population in a few rich cities, as they do where migrants work.

Not hit
-------
* Market potential is in 100 million yuan per km of realistic retail sales. Its printed unit is
  unknown: vagg -> mp is 7.3 (3.3), printed .56 (.25). In units of 1.3 billion yuan per km the two
  agree; significance is alike. vagg -> lmp is borderline (t = 2.0), printed insignificant.
* vagg -> dist_l -.19 (.04), printed -.167 (.086): the labour side is less noisy than in print.
  dist on resi -.0062 (.0040), printed -.0047 (.0027). The coefficient of dist_k on resi is near
  zero, printed .0053 (.0035), both insignificant.
* The effect in the top quartile of geographic agglomeration stays significant.
* The instrument is relevant (first-stage F about 13) but the 2SLS estimate, .007 (.012), is not
  significant. The dynamics of the pilots are a single step.
* Broadband gaps take 98 city-years from the split by digital infrastructure too; in print that
  split loses 35.
* The printed fixed effects absorb most of the variance of resilience, which rules out proportional
  growth of the skewed indicators: patents, science, education and new firms per head grow far
  less than in China. Output, prices, wages, population and connections grow as in China.
"""
