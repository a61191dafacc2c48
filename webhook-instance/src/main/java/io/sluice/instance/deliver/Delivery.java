package io.sluice.instance.deliver;

import io.sluice.instance.outbox.Attempt;
import io.sluice.instance.outbox.OutboxEvent;

/** What a module gets: the event, and the attempt that it is. */
record Delivery(Attempt attempt, OutboxEvent event) {}
