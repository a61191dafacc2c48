package io.sluice.instance.receive;

import io.sluice.instance.configuration.CurrentConfiguration;
import io.sluice.instance.drain.DrainGate;
import io.sluice.instance.outbox.Outbox;

/** What a webhook meets on its way in: the configuration of the moment, the gate that a drain shuts, and where it is stored. */
public record Intake(CurrentConfiguration configuration, DrainGate gate, Outbox outbox, String instanceId) {}
