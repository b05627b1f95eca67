plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "org.kbert.app"
    compileSdk = 35
    defaultConfig {
        applicationId = "org.kbert.app"
        minSdk = 24
        targetSdk = 35
        versionCode = 1
        versionName = "1.0"
    }
    // Models are mapped into memory: that needs them uncompressed in the APK.
    androidResources { noCompress += listOf("tflite", "onnx") }
    // Two ways to read the same file: kbert's tokenizer, or MediaPipe's.
    flavorDimensions += "reader"
    productFlavors {
        create("kbert") { dimension = "reader" }
        create("mediapipe") {
            dimension = "reader"
            applicationIdSuffix = ".mediapipe"
        }
    }
    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
            // To try a release: a key of your own takes its place before publishing.
            signingConfig = signingConfigs.getByName("debug")
        }
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }
    // Robolectric's tests, which Maven runs (pom.xml), need Robolectric and its Android on the class path.
    sourceSets.getByName("test") { kotlin.setSrcDirs(listOf<String>()) }
}

kotlin {
    compilerOptions { jvmTarget.set(org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_1_8) }
}

dependencies {
    implementation(project(":kbert-device"))
    "kbertImplementation"("com.google.ai.edge.litert:litert:1.4.0")
    "kbertImplementation"("com.microsoft.onnxruntime:onnxruntime-android:1.26.0")
    "mediapipeImplementation"("com.google.mediapipe:tasks-text:0.10.21")
}
