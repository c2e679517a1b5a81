# docker build --tag affect .
# docker run --init --rm --publish 127.0.0.1:5000:5000 --volume affect:/data affect
FROM python:3.11-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .

FROM python:3.11-slim
COPY --from=build /wheel /wheel
RUN pip install --no-cache-dir /wheel/*.whl \
    && useradd --uid 1000 --create-home affect \
    && install --directory --owner affect /data
WORKDIR /home/affect
COPY app.py ./
USER 1000:1000
ENV AFFECT_HOST=0.0.0.0 \
    AFFECT_PORT=5000 \
    AFFECT_DATA=/data \
    PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:5000/healthz', timeout=4)"]
CMD ["python", "app.py"]
