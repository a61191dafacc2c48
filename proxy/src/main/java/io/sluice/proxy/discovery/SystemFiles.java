package io.sluice.proxy.discovery;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;

/** The two files by which a system says how names are looked up, read anew each time: what they say may change while a process runs. */
record SystemFiles(Vertx vertx, Path resolver, Path hosts) {
    SystemFiles(Vertx vertx) {
        this(vertx, Path.of("/etc/resolv.conf"), Path.of("/etc/hosts"));
    }

    Future<ResolverFile> resolverFile() {
        return text(resolver).map(ResolverFile::parse);
    }

    Future<HostsFile> hostsFile() {
        return text(hosts).map(HostsFile::new);
    }

    /** One that is not there is as good as an empty one. */
    private Future<String> text(Path file) {
        return vertx.fileSystem()
                .readFile(file.toString())
                .map(Object::toString)
                .otherwise("");
    }
}
