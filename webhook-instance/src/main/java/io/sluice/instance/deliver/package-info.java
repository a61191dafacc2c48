/**
 * Brings accepted webhooks to where they belong. {@link io.sluice.instance.deliver.Dispatcher} takes due steps from the outbox, hands each to the
 * module that the configuration of the moment names, and turns the outcome into the next state: delivered, due again, or a dead letter. It knows
 * nothing of how webhooks come in.
 */
@NullMarked
package io.sluice.instance.deliver;

import org.jspecify.annotations.NullMarked;
