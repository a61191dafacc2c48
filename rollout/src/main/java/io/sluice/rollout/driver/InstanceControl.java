package io.sluice.rollout.driver;

import io.sluice.instance.api.ConfigDocuments;
import io.sluice.instance.api.ConfigUpdateRequest;
import io.sluice.instance.api.ConfigUpdateResult;
import io.sluice.instance.api.ConfigVersion;
import io.sluice.instance.api.DrainRequest;
import io.sluice.instance.api.DrainStatus;
import io.sluice.instance.api.HealthReport;
import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.PoolView;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What the engine needs from an instance. Every call ends by itself within seconds, and fails with a {@link ControlException} only.
 * The future may complete on any thread.
 */
public interface InstanceControl {
    /** Where an instance's admin API is; {@code backend} is its id in the pool, for messages. */
    record InstanceRef(String backend, String adminUrl) {
        /** The instances of a pool, but for those whose admin API it does not know. */
        public static List<InstanceRef> all(PoolView pool) {
            List<InstanceRef> all = new ArrayList<>();
            for (BackendView backend : pool.backends()) {
                String adminUrl = backend.adminUrl();
                if (adminUrl != null) {
                    all.add(new InstanceRef(backend.id(), adminUrl));
                }
            }
            return all;
        }
    }

    /** The report, also when it came with a 503. */
    Future<HealthReport> health(InstanceRef instance);

    Future<ConfigVersion> version(InstanceRef instance);

    Future<ConfigDocuments> documents(InstanceRef instance);

    Future<DrainStatus> drain(InstanceRef instance, DrainRequest request);

    Future<DrainStatus> drainStatus(InstanceRef instance);

    /** The drain as soon as nothing runs any more, or as it is after {@code wait}. */
    Future<DrainStatus> awaitDrained(InstanceRef instance, Duration wait);

    /** Takes the holder's drain away; one that is not there counts as taken. */
    Future<DrainStatus> undrain(InstanceRef instance, DrainRequest request);

    /** Changes, or with {@code validateOnly} checks, the configuration. Fails INVALID with all problems, CONFLICT when {@code ifHash} is not met. */
    Future<ConfigUpdateResult> update(InstanceRef instance, ConfigUpdateRequest request);
}
