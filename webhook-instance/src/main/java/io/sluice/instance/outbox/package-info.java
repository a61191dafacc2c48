/**
 * Webhooks that were acknowledged and are not yet delivered. {@link io.sluice.instance.outbox.Outbox} keeps each one in the durable log from before
 * its 2xx until every step of its chain has ended, hands out attempts that are due, and remembers delivery ids so that a sender's retry is
 * recognised. It knows neither HTTP nor what a step does.
 */
@NullMarked
package io.sluice.instance.outbox;

import org.jspecify.annotations.NullMarked;
