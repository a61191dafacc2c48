# One image for every part; docker-compose.yml says which part a container runs.
FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /build
COPY . .
RUN mvn -q -B -Dmaven.test.skip=true -Djacoco.skip -Dspotless.check.skip -pl command-line -am package

FROM eclipse-temurin:17-jre
RUN useradd --system --uid 10001 --no-create-home sluice && install -d -o sluice /data
COPY --from=build /build/command-line/target/sluice.jar /app/sluice.jar
COPY docker/healthcheck /app/healthcheck
COPY config /etc/sluice
# The classes that a start takes: see the launcher.
RUN java -XX:+UseSerialGC -XX:ArchiveClassesAtExit=/app/sluice.jsa -jar /app/sluice.jar rehearse
USER 10001
WORKDIR /data
VOLUME /data
# Netty and the JVM unpack nothing and write no performance data: the root file system may be read-only.
ENTRYPOINT ["java", "-XX:-UsePerfData", "-XX:SharedArchiveFile=/app/sluice.jsa", "-XX:MaxRAMPercentage=60", "-XX:+UseSerialGC", "-Djava.io.tmpdir=/tmp", "-Dvertx.disableTCCL=true", "-Dvertx.disableContextTimings=true", "-Dio.netty.leakDetection.level=disabled", "-Djdk.tls.rejectClientInitiatedRenegotiation=true", "-jar", "/app/sluice.jar"]
