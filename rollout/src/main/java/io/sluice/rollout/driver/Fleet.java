package io.sluice.rollout.driver;

import io.sluice.rollout.store.CrashPoint;
import io.sluice.rollout.store.Documents;
import java.time.Clock;

/** Everything outside that the engine's work reaches: the proxy, the instances, the stored documents and time. */
record Fleet(
        TrafficControl traffic,
        InstanceControl instances,
        Documents documents,
        Patience patience,
        Lanes lanes,
        Clock clock,
        CrashPoint crash) {}
