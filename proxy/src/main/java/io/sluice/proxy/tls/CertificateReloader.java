package io.sluice.proxy.tls;

import io.sluice.service.lifecycle.Component;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.SettingProblem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the files of certificates now and then, on a worker. */
public final class CertificateReloader implements Component {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateReloader.class);

    private final Vertx vertx;
    private final Reloadable files;
    private final String setting;
    private final long intervalMillis;
    private volatile @Nullable WorkerExecutor worker;
    private volatile long timer;

    /** @param setting the section that names the files, for problems with them */
    public CertificateReloader(Vertx vertx, Reloadable files, String setting, Duration interval) {
        this.vertx = vertx;
        this.files = files;
        this.setting = setting;
        this.intervalMillis = interval.toMillis();
    }

    @Override
    public String name() {
        return "certificates of " + setting;
    }

    /** Fails with {@link InvalidSettingsException} when the files cannot be used. */
    @Override
    public Future<Void> start() {
        WorkerExecutor own = vertx.createSharedWorkerExecutor("sluice-certificates", 1);
        worker = own;
        return own.executeBlocking(() -> {
                    files.load();
                    return true;
                })
                .recover(cause -> Future.failedFuture(explain(cause)))
                .onSuccess(loaded -> next(own))
                .mapEmpty();
    }

    private Throwable explain(Throwable cause) {
        return cause instanceof CertificateFileException wrong
                ? new InvalidSettingsException(
                        List.of(new SettingProblem("settings file", setting, wrong.file(), wrong.expectation(), null)))
                : cause;
    }

    private void next(WorkerExecutor own) {
        timer = vertx.setTimer(
                intervalMillis,
                tick -> own.executeBlocking(() -> {
                            files.reload();
                            return true;
                        })
                        .onFailure(bug -> LOG.error("certificates could not be looked at", bug))
                        .onComplete(looked -> {
                            if (worker != null) {
                                next(own);
                            }
                        }));
    }

    @Override
    public Future<Void> stop() {
        WorkerExecutor own = worker;
        worker = null;
        vertx.cancelTimer(timer);
        return own == null ? Future.succeededFuture() : own.close();
    }
}
