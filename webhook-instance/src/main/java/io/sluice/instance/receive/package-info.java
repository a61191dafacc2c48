/**
 * Takes webhooks in: one request after the other through the checks of {@link io.sluice.instance.receive.WebhookHandler}, cheap ones first, into the
 * outbox, and only then answers. It decides what a sender is told and what proxies may conclude from it; it does not know what becomes of the
 * event.
 */
@NullMarked
package io.sluice.instance.receive;

import org.jspecify.annotations.NullMarked;
