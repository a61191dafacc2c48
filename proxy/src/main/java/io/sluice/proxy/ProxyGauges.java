package io.sluice.proxy;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.tls.CertificateFiles;
import io.sluice.proxy.tls.Certificates;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Gauges of what has none of its own to register them. */
final class ProxyGauges {
    private final MeterRegistry registry;
    private final Clock clock;

    ProxyGauges(MeterRegistry registry, Clock clock) {
        this.registry = registry;
        this.clock = clock;
    }

    void follow(Certificates certificates) {
        Gauge.builder("sluice.proxy.tls.files.usable", certificates, each -> each.isBroken() ? 0 : 1)
                .description("0 while the files of certificates have changed to something that cannot be used.")
                .register(registry);
        List<CertificateFiles> files = certificates.settings().certificates();
        for (int i = 0; i < files.size(); i++) {
            int index = i;
            Gauge.builder("sluice.proxy.tls.certificate.expiry", certificates, each -> secondsLeft(each, index))
                    .description("Time until the certificate in use ends.")
                    .baseUnit("seconds")
                    .tag("certificate", files.get(i).certificate().toString())
                    .register(registry);
        }
    }

    private double secondsLeft(Certificates certificates, int index) {
        List<Instant> expiries = certificates.expiries();
        return index < expiries.size()
                ? Duration.between(clock.instant(), expiries.get(index)).toSeconds()
                : Double.NaN;
    }

    void follow(Pools pools) {
        Gauge.builder(
                        "sluice.proxy.journal.writable",
                        pools,
                        each -> each.readOnlyBecause().isEmpty() ? 1 : 0)
                .description("1 while changes of pools can be kept.")
                .register(registry);
        Gauge.builder("sluice.proxy.journal.gaps", pools, each -> each.gaps().size())
                .description("Damaged entries that were skipped at start.")
                .register(registry);
    }
}
