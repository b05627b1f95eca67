plugins {
    id("com.android.library")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "org.kbert.device"
    compileSdk = 35
    defaultConfig { minSdk = 24 }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }
}

kotlin {
    compilerOptions { jvmTarget.set(org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_1_8) }
}

dependencies {
    // An app brings the runtime that it uses, or both: the other's classes are never loaded.
    compileOnly("com.google.ai.edge.litert:litert:1.4.0")
    compileOnly("com.microsoft.onnxruntime:onnxruntime-android:1.26.0")
}
