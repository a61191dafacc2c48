/**
 * Finds out how backends are and tells their pool: {@link io.sluice.proxy.health.PassiveHealth} from how their traffic fares, active checks by
 * asking them. It decides nothing about who gets a request; that follows in the pool from what is reported.
 */
@NullMarked
package io.sluice.proxy.health;

import org.jspecify.annotations.NullMarked;
